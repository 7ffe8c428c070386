# A compute environment is imported by its name.
terraform import batch_compute_environment.here here
