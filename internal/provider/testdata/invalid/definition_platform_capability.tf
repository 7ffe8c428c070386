# want: platform_capabilities.*value must be one of
resource "batch_job_definition" "x" {
  name                  = "x"
  platform_capabilities = ["EC3"]
  container_properties {
    image   = "busybox"
    command = ["true"]
  }
}
