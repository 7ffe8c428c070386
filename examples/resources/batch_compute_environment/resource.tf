resource "batch_compute_environment" "here" {
  name = "here"
  type = "MANAGED"

  compute_resources {
    type      = "LOCAL"
    max_vcpus = 4
  }

  tags = {
    team = "research"
  }
}
