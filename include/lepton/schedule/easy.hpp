// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

namespace lepton::schedule {

/// Candidates for backfilling in the order of the queue.
struct in_queue_order {};

/// Candidates for backfilling by their predicted run time (the estimate, if nothing else predicts
/// it), shortest first; equals in the order of the queue.
struct shortest_first {};

/// Backfilling with one reservation (EASY: Lifka, The ANL/IBM SP scheduling system, 1995).
///
/// The head, the first task of the queue's order, does not fit. From what is free now, and from the
/// running tasks' predicted ends, earliest first, follows when it will: its shadow time. What is
/// free then beyond the head's demand, all that is predicted to have ended by then counted, is the
/// extra. Then the candidates, all the other waiting tasks, are tried one by one: one starts if it
/// fits what is free now and
/// - is predicted to end by the shadow time (not after it), or
/// - fits the extra, which it takes up.
/// So no candidate delays the head beyond its shadow time, as long as the predictions are not too
/// short. A task that runs on beyond its estimate keeps its predicted end, though that has passed.
///
/// @tparam Candidates  `in_queue_order`; `shortest_first` (SJBF: Tsafrir, Etzion and Feitelson,
///                     Backfilling using system-generated predictions, 2007); or any
///                     `order::ordering`, whose equals are taken in the order of the queue
template <class Candidates = in_queue_order>
struct easy {
  constexpr easy() = default;
  constexpr explicit easy(Candidates order) : candidates(std::move(order)) {}

  Candidates candidates{};
};

/// Shortest job backfilled first.
using sjbf = easy<shortest_first>;

}  // namespace lepton::schedule
