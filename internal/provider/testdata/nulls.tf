# One null in every optional collection of every resource, beside another element unless @SOME@ is false.
locals {
  none = null
  map  = merge({ none = null }, @SOME@ ? { some = "x" } : {})
  list = concat(@SOME@ ? ["a"] : [], [null], @SOME@ ? ["b"] : [])
}

resource "batch_compute_environment" "local" {
  name = "local"
  tags = local.map
  compute_resources { max_vcpus = 4 }
}

resource "batch_compute_environment" "ec2" {
  name         = "ec2"
  service_role = "r"

  compute_resources {
    type               = "EC2"
    max_vcpus          = 1
    subnets            = ["s-1", null]
    security_group_ids = ["sg-1", null]
    instance_types     = ["c5", null]
    instance_role      = "r"
    tags               = local.map

    launch_template {
      launch_template_id = "lt-1"

      overrides {
        launch_template_id    = "lt-2"
        target_instance_types = ["c5", null]
      }
    }
  }
}

resource "batch_job_queue" "work" {
  name                 = "work"
  compute_environments = [batch_compute_environment.local.arn]
  tags                 = local.map
}

resource "batch_job_definition" "process" {
  name       = "process"
  parameters = local.map
  tags       = local.map

  platform_capabilities = @SOME@ ? ["EC2", null] : [null]

  container_properties {
    command     = ["/bin/sh", "-c", "env | grep -c -e nil -e '^none' ; printf '[%s]' \"$@\"", null]
    environment = merge(local.map, { E = local.none })
  }
}

resource "batch_job_definition" "container" {
  name = "container"

  platform_capabilities = ["EC2"]

  container_properties {
    image   = "image"
    command = local.list

    linux_parameters {
      devices {
        host_path   = "/dev/null"
        permissions = @SOME@ ? ["READ", null] : [null]
      }
      tmpfs {
        container_path = "/tmp"
        size           = 1
        mount_options  = @SOME@ ? ["noexec", null] : [null]
      }
    }

    log_configuration {
      log_driver = "awslogs"
      options    = local.map
    }
  }
}

resource "batch_job" "one" {
  name           = "one"
  job_queue      = batch_job_queue.work.arn
  job_definition = batch_job_definition.process.arn
  parameters     = local.map
  tags           = local.map
  inputs         = merge({ none = null }, @SOME@ ? { some = sha256("x") } : {})
  triggers       = local.map

  sensitive_parameters = [null]

  container_overrides {
    command     = concat(["/bin/sh", "-c", "for v; do printf '[%s]' \"$v\"; done; env | grep -e nil -e '^none' -e '^E=' && exit 1; exit 0", "sh"], local.list)
    environment = merge(local.map, { E = local.none })
  }
}
