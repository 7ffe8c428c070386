# The closed form that the simulation must agree with (Black and Scholes 1973), and the comparison.

locals {
  e = 2.718281828459045

  # Each pair of strike and volatility has one exact price. d1 and d2 are the two arguments of the normal distribution in it.
  options = {
    for pair in setproduct(var.strikes, var.volatilities) : join("/", pair) => {
      strike     = pair[0]
      volatility = pair[1]
      spread     = pair[1] * pow(var.maturity, 0.5)
      drift      = log(var.spot / pair[0], local.e) + (var.rate + pow(pair[1], 2) / 2) * var.maturity
    }
  }
  d1 = { for name, o in local.options : name => o.drift / o.spread }
  d2 = { for name, o in local.options : name => o.drift / o.spread - o.spread }

  # The normal distribution function by Abramowitz and Stegun 26.2.17, good to 7.5e-8: a polynomial in
  # t = 1 / (1 + 0.2316419 |x|) gives the upper tail, symmetry the rest.
  tail = {
    for x in distinct(concat(values(local.d1), values(local.d2))) : x => pow(local.e, -x * x / 2) / 2.5066282746310002 * sum([
      for i, b in [0.319381530, -0.356563782, 1.781477937, -1.821255978, 1.330274429] : b * pow(1 / (1 + 0.2316419 * abs(x)), i + 1)
    ])
  }
  normal = { for x, tail in local.tail : x => tonumber(x) < 0 ? tail : 1 - tail }

  exact = {
    for name, o in local.options : name =>
    var.spot * local.normal[local.d1[name]] - o.strike * pow(local.e, -var.rate * var.maturity) * local.normal[local.d2[name]]
  }
}

locals {
  # No value of the matrix is a secret.
  points = nonsensitive(batch_job.prices.points)

  simulated = [
    for point in batch_job.prices.results : {
      option = "${local.points[point.index].strike}/${local.points[point.index].volatility}"
      seed   = tonumber(local.points[point.index].seed)
      result = jsondecode(point.result_json)
    } if point.result_json != null
  ]

  prices = [
    for s in local.simulated : {
      strike         = local.options[s.option].strike
      volatility     = local.options[s.option].volatility
      seed           = s.seed
      price          = s.result.price
      standard_error = s.result.standard_error
      exact          = tonumber(format("%.6f", local.exact[s.option]))
      z_score        = tonumber(format("%.3f", (s.result.price - local.exact[s.option]) / s.result.standard_error))
    }
  ]

  within = length([for p in local.prices : p if abs(p.z_score) <= 3])

  # The mean over the seeds, for the table.
  by_option = { for s in local.simulated : s.option => s.result.price... }
  means     = { for name, o in local.options : name => sum(lookup(local.by_option, name, [0])) / length(lookup(local.by_option, name, [0])) }
}
