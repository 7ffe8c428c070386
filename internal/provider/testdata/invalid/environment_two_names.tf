# want: 2 attributes specified when one \(and only one\) of \[name,name_prefix\] is required
resource "batch_compute_environment" "x" {
  name        = "x"
  name_prefix = "x-"
  compute_resources { max_vcpus = 4 }
}
