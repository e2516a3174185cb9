# The work of bench/predict.cpp done by R: stats::arima, and forecast::ets and auto.arima.
#   Rscript bench/peers/predict.R <data folder>
# Prints JSON: {"<peer>": {"<benchmark>": seconds, ...}, ...}; medians of repeated runs.
data_dir <- commandArgs(trailingOnly = TRUE)[1]
read_series <- function(name) scan(file.path(data_dir, "series", name), quiet = TRUE, na.strings = "NA")
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

airline <- ts(log(read_series("AirPassengers.txt")), frequency = 12)
add("stats::arima", "arima_fit/airline", times_over(10, function()
  arima(airline, order = c(0, 1, 1), seasonal = c(0, 1, 1), method = "ML")))
arma <- read_series("arma2000.txt")
add("stats::arima", "arima_fit/arma2000", times_over(3, function()
  arima(arma, order = c(2, 0, 1), method = "ML")))
presidents_series <- read_series("presidents.txt")
add("stats::arima", "arima_fit/presidents", times_over(10, function()
  arima(presidents_series, order = c(3, 0, 0), method = "ML")))
seas <- ts(read_series("seas2016.txt"), frequency = 24)
add("stats::arima", "arima_fit/seas2016", median_seconds(1, function()
  arima(seas, order = c(1, 0, 1), seasonal = c(0, 1, 1), method = "ML")))
fitted <- arima(airline, order = c(0, 1, 1), seasonal = c(0, 1, 1), method = "ML")
add("stats::arima", "arima_forecast/airline", times_over(100, function() predict(fitted, n.ahead = 12)))

if (requireNamespace("forecast", quietly = TRUE)) {
  passengers <- ts(read_series("AirPassengers.txt"), frequency = 12)
  add("forecast::ets", "ets_fit/airline_MAM", times_over(3, function()
    forecast::ets(passengers, model = "MAM", damped = FALSE)))
  add("forecast::ets", "ets_select/airline", median_seconds(3, function() forecast::ets(passengers)))
  add("forecast::auto.arima", "arima_select/airline", median_seconds(1, function()
    forecast::auto.arima(airline, approximation = FALSE)))
}

quoted <- function(name) paste0('"', name, '"')
peers <- sapply(names(rows), function(peer) paste0(quoted(peer), ": {", paste0(
  sapply(names(rows[[peer]]), quoted), ": ", sapply(rows[[peer]], format, digits = 6), collapse = ", "), "}"))
cat("{", paste(peers, collapse = ",\n "), "}\n", sep = "")
