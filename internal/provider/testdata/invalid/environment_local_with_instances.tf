# want: compute_resources.instance_types: given a value; allowed is
resource "batch_compute_environment" "x" {
  name = "x"
  compute_resources {
    max_vcpus      = 4
    instance_types = ["c7g"]
  }
}
