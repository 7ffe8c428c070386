variable "strikes" {
  description = "Strike prices."
  type        = list(number)
  default     = [80, 90, 100, 110, 120]

  validation {
    condition     = alltrue([for v in var.strikes : v > 0])
    error_message = "Each of strikes must be greater than 0."
  }
}

variable "volatilities" {
  description = "Volatilities per year."
  type        = list(number)
  default     = [0.1, 0.2, 0.3, 0.4]

  validation {
    condition     = alltrue([for v in var.volatilities : v > 0])
    error_message = "Each of volatilities must be greater than 0."
  }
}

variable "seeds" {
  description = "Seeds of the random numbers. Each is one independent estimate of every price."
  type        = list(number)
  default     = [1, 2, 3, 4, 5]
}

variable "spot" {
  description = "Price of the stock today."
  type        = number
  default     = 100
}

variable "rate" {
  description = "Risk-free interest rate per year, continuously compounded."
  type        = number
  default     = 0.05
}

variable "maturity" {
  description = "Years until the option can be exercised."
  type        = number
  default     = 1
}

variable "paths" {
  description = "Simulated prices of the stock per point."
  type        = number
  default     = 30000
}

variable "max_vcpus" {
  description = "How many points are priced at once."
  type        = number
  default     = 2
}

variable "state_dir" {
  description = "Where the runtime on this machine keeps its records, results and logs."
  type        = string
  default     = ".batchd"
}
