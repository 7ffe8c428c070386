variable "subnets" {
  description = "Subnets of the instances, by id. They need a way to the services of AWS, through public addresses, a NAT gateway or VPC endpoints."
  type        = list(string)
}

variable "security_group_ids" {
  description = "Security groups of the instances, by id. Nothing needs to reach an instance from outside."
  type        = list(string)
}

variable "instance_role" {
  description = "Instance profile of the instances, by name or ARN. Its role needs the policy AmazonEC2ContainerServiceforEC2Role and ssm:GetParameter on parameter/batchd/*."
  type        = string
  default     = "ecsInstanceRole"
}

variable "instance_types" {
  description = "Families or types of instances. The more there are, the more likely is Spot capacity."
  type        = list(string)
  default     = ["m6i", "c6i", "r6i"]
}

variable "max_vcpus" {
  description = "vCPUs that are up at most."
  type        = number
  default     = 64
}

variable "image" {
  description = "An image with sh and awk, which the instances can pull."
  type        = string
  default     = "public.ecr.aws/docker/library/debian:stable-slim"
}

variable "strikes" {
  description = "Strike prices."
  type        = list(number)
  default     = [80, 90, 100, 110, 120]
}

variable "volatilities" {
  description = "Volatilities per year."
  type        = list(number)
  default     = [0.1, 0.2, 0.3, 0.4]
}

variable "seeds" {
  description = "Seeds of the random numbers. Each is one independent estimate of every price."
  type        = list(number)
  default     = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
}

variable "paths" {
  description = "Simulated prices of the stock per point."
  type        = number
  default     = 30000
}

variable "state_dir" {
  description = "Where the runtime on this machine keeps its records and results."
  type        = string
  default     = ".batchd"
}
