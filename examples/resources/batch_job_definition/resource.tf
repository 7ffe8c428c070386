# Without an image the command runs as a process of this machine.
resource "batch_job_definition" "greet" {
  name = "greet"

  container_properties {
    command = ["echo", "hello", "Ref::name"]

    environment = {
      LANG = "C.UTF-8"
    }

    resource_requirements {
      vcpu   = 1
      memory = 64
    }
  }

  parameters = {
    name = "world"
  }
}

# A script runs with the command as its arguments. What it writes to $BATCH_RESULT_FILE is the job's result.
resource "batch_job_definition" "count" {
  name = "count"

  script = <<-EOT
    #!/bin/sh
    set -eu
    printf '{"bytes": %d}\n' "$(cat "$@" | wc -c)" >"$BATCH_RESULT_FILE"
  EOT

  container_properties {
    command = ["/etc/hostname"]

    resource_requirements {
      vcpu   = 1
      memory = 64
    }
  }
}

# With an image the job is a container.
resource "batch_job_definition" "contained" {
  name = "contained"

  container_properties {
    image   = "debian:stable-slim"
    command = ["uname", "-a"]

    resource_requirements {
      vcpu   = 2
      memory = 512
    }
  }
}
