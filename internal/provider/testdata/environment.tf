resource "batch_compute_environment" "x" {
  name  = "@NAME@"
  state = "@STATE@"
  tags  = @TAGS@

  compute_resources {
    @RESOURCES@
  }
}
