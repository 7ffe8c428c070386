provider "batch" {
  endpoint   = "@ENDPOINT@"
  access_key = "@ACCESS@"
  secret_key = "@SECRET@"
  ca_file    = @CA@
}

