# want: A LOCAL compute environment mounts no EFS file system
resource "batch_job_definition" "x" {
  name = "x"

  container_properties {
    image = "image"

    volumes {
      name = "data"
      efs_volume_configuration { file_system_id = "fs-1" }
    }
  }
}
