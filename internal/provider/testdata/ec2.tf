resource "batch_compute_environment" "x" {
  name_prefix  = "x-"
  service_role = "r"

  compute_resources {
    type = "EC2"
@SETTINGS@
  }

  lifecycle {
    create_before_destroy = true
  }
}
