# want: source_path
resource "batch_job_definition" "x" {
  name = "x"
  container_properties {
    image = "busybox"
    volumes {
      name = "v"
      host {}
    }
  }
}
