# want: A MANAGED environment needs compute_resources
resource "batch_compute_environment" "x" {
  name = "x"
}
