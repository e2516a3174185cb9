// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include <lepton/balance/context.hpp>
#include <lepton/balance/fwd.hpp>
#include <lepton/config.hpp>

namespace lepton::balance {

/// A request in flight on a backend: its count is given back when the lease dies, so it cannot
/// leak. Move only. Any thread may end it; the owner (`loads`, `balancer`) must outlive it.
template <class Owner>
class [[nodiscard]] lease {
 public:
  /// None: no backend could be picked.
  lease() noexcept = default;
  /// Of a request that the owner has counted.
  lease(Owner& owner, backend_index i) noexcept : owner_(&owner), index_(i) {}
  lease(lease&& other) noexcept
      : owner_(std::exchange(other.owner_, nullptr)),
        index_(std::exchange(other.index_, no_backend)) {}
  auto operator=(lease&& other) noexcept -> lease& {
    if (this != &other) {
      end();
      owner_ = std::exchange(other.owner_, nullptr);
      index_ = std::exchange(other.index_, no_backend);
    }
    return *this;
  }
  lease(const lease&) = delete;
  auto operator=(const lease&) -> lease& = delete;
  ~lease() { end(); }

  explicit operator bool() const noexcept { return owner_ != nullptr; }
  /// The backend; it keeps this index for as long as the lease lives, also if it is removed.
  /// `no_backend` if there is none.
  [[nodiscard]] auto index() const noexcept -> backend_index { return index_; }

  /// Ends the request now and tells the policy how it went, if it learns from that.
  void finish(const outcome& how) noexcept {
    if (owner_ == nullptr) return;
    if constexpr (requires { owner_->finish(index_, how); }) {
      owner_->finish(index_, how);
    } else {
      owner_->finish(index_);
    }
    forget();
  }
  /// Ends the request now.
  void end() noexcept {
    if (owner_ == nullptr) return;
    owner_->finish(index_);
    forget();
  }

 private:
  void forget() noexcept {
    owner_ = nullptr;
    index_ = no_backend;
  }

  Owner* owner_ = nullptr;
  backend_index index_ = no_backend;
};

}  // namespace lepton::balance
