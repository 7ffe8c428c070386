# A sweep whose points multiply. A point whose b is 5 fails while the file @GATE@ exists.
resource "batch_job_definition" "product" {
  name   = "product"
  script = <<-EOT
    #!/bin/sh
    echo "$BATCH_PARAM_A times $BATCH_PARAM_B"
    if [ "$BATCH_PARAM_B" = 5 ] && [ -e '@GATE@' ]; then
      echo "five is out of order"
      exit 3
    fi
    echo "{\"product\": $((BATCH_PARAM_A * BATCH_PARAM_B))}" > "$BATCH_RESULT_FILE"
  EOT

  timeout { attempt_duration_seconds = @TIMEOUT@ }
}

resource "batch_job" "sweep" {
  name           = "sweep"
  job_queue      = batch_job_queue.work.name
  job_definition = batch_job_definition.product.arn
  matrix         = @MATRIX@
  triggers       = { gate = "@TRIGGER@" }
}

output "products" {
  value = join(" ", [for r in batch_job.sweep.results : r.result_json == null ? "-" : jsondecode(r.result_json).product])
}
