// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Collecting: samples in, regular and clean series out.
#include <lepton/collect/aggregation.hpp>
#include <lepton/collect/cgroup_usage.hpp>
#include <lepton/collect/counter.hpp>
#include <lepton/collect/csv_columns.hpp>
#include <lepton/collect/csv_line.hpp>
#include <lepton/collect/csv_read.hpp>
#include <lepton/collect/csv_write.hpp>
#include <lepton/collect/decaying_histogram.hpp>
#include <lepton/collect/gaps.hpp>
#include <lepton/collect/hampel.hpp>
#include <lepton/collect/histogram_buckets.hpp>
#include <lepton/collect/histogram_checkpoint.hpp>
#include <lepton/collect/kernel_tables.hpp>
#include <lepton/collect/log_buckets.hpp>
#include <lepton/collect/machine_usage.hpp>
#include <lepton/collect/process_usage.hpp>
#include <lepton/collect/quantile_sketch.hpp>
#include <lepton/collect/regular_series.hpp>
#include <lepton/collect/sample.hpp>
#include <lepton/collect/series.hpp>
#include <lepton/collect/sorted_window.hpp>
#include <lepton/collect/text_file.hpp>
#include <lepton/collect/time_text.hpp>
#include <lepton/collect/usage.hpp>
#include <lepton/collect/words.hpp>
