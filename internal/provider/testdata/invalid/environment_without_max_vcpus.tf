# want: "compute_resources.max_vcpus" must be specified
resource "batch_compute_environment" "bad" {
  name = "bad"
  compute_resources {}
}
