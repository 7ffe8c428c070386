# want: script: given .* allowed is a first line that names the interpreter
resource "batch_job_definition" "x" {
  name   = "x"
  script = "echo no interpreter"
}
