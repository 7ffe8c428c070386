# want: A LOCAL compute environment has no secret store
resource "batch_job_definition" "x" {
  name = "x"

  container_properties {
    image   = "image"
    command = ["true"]

    secrets {
      name       = "TOKEN"
      value_from = "arn:aws:ssm:us-east-1:000000000000:parameter/token"
    }
  }
}
