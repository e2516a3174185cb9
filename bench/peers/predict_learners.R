# The work of bench/predict_learners.cpp done by R: stats::lm and ranger, one thread.
#   Rscript bench/peers/predict_learners.R <data folder>
# Prints JSON: {"<peer>": {"<benchmark>": seconds, ...}, ...}; medians of repeated runs.
data_dir <- commandArgs(trailingOnly = TRUE)[1]
median_seconds <- function(repeats, work) {
  median(replicate(repeats, {
    began <- proc.time()[["elapsed"]]
    work()
    proc.time()[["elapsed"]] - began
  }))
}
# The clock of R ticks in milliseconds: short work is done many times over.
times_over <- function(count, work) median_seconds(3, function() for (i in seq_len(count)) work()) / count

rows <- list()
add <- function(peer, name, seconds) rows[[peer]][[name]] <<- seconds

read_table <- function(name) as.matrix(read.csv(gzfile(file.path(data_dir, "ml", name)), header = FALSE))
train <- read_table("friedman1_train.csv.gz")
if (requireNamespace("ranger", quietly = TRUE)) {
  x <- train[, -1]
  y <- train[, 1]
  add("ranger", "forest_train/exact", median_seconds(1, function()
    ranger::ranger(x = x, y = y, num.trees = 100, mtry = 3, min.node.size = 1, num.threads = 1)))
}
frame <- as.data.frame(train)
names(frame)[1] <- "target"
add("stats::lm", "regression_fit/friedman", times_over(5, function() lm(target ~ ., data = frame)))

quoted <- function(name) paste0('"', name, '"')
peers <- sapply(names(rows), function(peer) paste0(quoted(peer), ": {", paste0(
  sapply(names(rows[[peer]]), quoted), ": ", sapply(rows[[peer]], format, digits = 6), collapse = ", "), "}"))
cat("{", paste(peers, collapse = ",\n "), "}\n", sep = "")
