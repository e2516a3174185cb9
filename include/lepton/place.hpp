// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Placement: where does a task that holds resources go?
#include <lepton/place/any_policy.hpp>
#include <lepton/place/balanced_allocation.hpp>
#include <lepton/place/best_fit.hpp>
#include <lepton/place/best_fit_percent.hpp>
#include <lepton/place/bin_centric_packing.hpp>
#include <lepton/place/bin_count_lower_bound.hpp>
#include <lepton/place/concept.hpp>
#include <lepton/place/dot_product.hpp>
#include <lepton/place/explain.hpp>
#include <lepton/place/fallback.hpp>
#include <lepton/place/first_fit.hpp>
#include <lepton/place/fragmentation_gradient.hpp>
#include <lepton/place/gpu_clustering.hpp>
#include <lepton/place/gpu_packing.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/place/least_allocated.hpp>
#include <lepton/place/most_allocated.hpp>
#include <lepton/place/next_fit.hpp>
#include <lepton/place/nomad_fit.hpp>
#include <lepton/place/random_fit.hpp>
#include <lepton/place/random_of_best.hpp>
#include <lepton/place/ray_hybrid.hpp>
#include <lepton/place/requested_to_capacity_ratio.hpp>
#include <lepton/place/taint_toleration.hpp>
#include <lepton/place/topology_spread.hpp>
#include <lepton/place/typical_tasks.hpp>
#include <lepton/place/vector_packing.hpp>
#include <lepton/place/weighted_sum.hpp>
#include <lepton/place/worst_fit.hpp>
