# want: gives a job no devices of the host
resource "batch_job_definition" "x" {
  name = "x"

  container_properties {
    image = "image"

    linux_parameters {
      devices { host_path = "/dev/fuse" }
    }
  }
}
