#!/bin/sh
# Prices one European call option by Monte Carlo simulation and leaves the price with its standard error as
# the job's result. Every parameter arrives as a variable BATCH_PARAM_<NAME>. Only sh and awk are needed.
set -eu

: "${BATCH_PARAM_STRIKE:?the strike price}"
: "${BATCH_PARAM_VOLATILITY:?the volatility per year, for example 0.2}"
: "${BATCH_PARAM_SEED:?the seed of the random numbers, a whole number}"

result=$(awk '
# number returns a parameter, or its default, and ends the program when it is no number or too small.
function number(name, otherwise, least,    text) {
	text = ("BATCH_PARAM_" name) in ENVIRON ? ENVIRON["BATCH_PARAM_" name] : otherwise
	if (text !~ /^-?[0-9]+(\.[0-9]*)?$/ || text + 0 < least) {
		printf "%s is \"%s\", want a number of at least %s\n", tolower(name), text, least | "cat >&2"
		close("cat >&2")
		exit failed = 2
	}
	return text + 0
}

# uniform returns the next random number between 0 and 1, both exclusive: two multiplicative generators combined (L.Ecuyer 1988).
# awk has a rand() of its own, but every awk another one; this gives the same numbers everywhere.
function uniform(    z) {
	s1 = s1 * 40014 % 2147483563
	s2 = s2 * 40692 % 2147483399
	z = s1 - s2
	return (z < 1 ? z + 2147483562 : z) / 2147483563
}

function payoff(normal,    price) {
	price = forward * exp(spread * normal)
	return price > strike ? price - strike : 0
}

# pair adds one normal draw and its mirror image: their errors largely cancel.
function pair(normal,    mean) {
	mean = (payoff(normal) + payoff(-normal)) / 2
	sum += mean
	squares += mean * mean
}

BEGIN {
	strike = number("STRIKE", "", 0)
	volatility = number("VOLATILITY", "", 0)
	seed = number("SEED", "", 0)
	spot = number("SPOT", 100, 0)
	rate = number("RATE", 0.05, -1)
	maturity = number("MATURITY", 1, 0)
	paths = number("PATHS", 30000, 4)

	# Points with the same seed still get numbers of their own.
	s1 = 1 + (seed * 7919 + int(strike * 1000)) % 2147483562
	s2 = 1 + (seed * 104729 + int(volatility * 1000000)) % 2147483398
	for (i = 0; i < 20; i++) uniform()

	forward = spot * exp((rate - volatility * volatility / 2) * maturity)
	spread = volatility * sqrt(maturity)
	rounds = int(paths / 4)
	for (i = 0; i < rounds; i++) {
		# Two uniform numbers make two normal ones (Box and Muller).
		radius = sqrt(-2 * log(uniform()))
		angle = 6.283185307179586 * uniform()
		pair(radius * cos(angle))
		pair(radius * sin(angle))
	}

	pairs = 2 * rounds
	mean = sum / pairs
	variance = (squares / pairs - mean * mean) * pairs / (pairs - 1)
	discount = exp(-rate * maturity)
	printf "{\"price\": %.6f, \"standard_error\": %.6f, \"paths\": %d}\n", discount * mean, discount * sqrt((variance > 0 ? variance : 0) / pairs), 2 * pairs
}
')

echo "$result"
if [ -n "${BATCH_RESULT_FILE:-}" ]; then
	echo "$result" >"$BATCH_RESULT_FILE"
fi
