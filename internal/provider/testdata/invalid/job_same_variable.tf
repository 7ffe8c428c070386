# want: would both be given as BATCH_PARAM_A_B
resource "batch_job" "x" {
  name           = "x"
  job_queue      = "q"
  job_definition = "d:1"
  matrix         = { "a-b" = [1], "a_b" = [1] }
}
