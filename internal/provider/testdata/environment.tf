resource "batch_compute_environment" "x" {
  name              = "@NAME@"
  state             = "@STATE@"
  compute_resources = @RESOURCES@
  tags              = @TAGS@
}
