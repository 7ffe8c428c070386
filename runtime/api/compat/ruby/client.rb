# frozen_string_literal: true

# Clients of the AWS SDK for Ruby, version 3. Debian packages its core, which signs, retries, validates, writes and reads, and
# no AWS Batch: what the gem aws-sdk-batch would add is generated from the model of the service, and is made here from the
# model that botocore has, in the way of the generated code.

require 'aws-sdk-core'
require 'json'
require 'zlib'

%w[
  credentials_configuration param_converter param_validator user_agent retry_errors global_configuration regional_endpoint
  response_paging stub_responses idempotency_token signature_v4 protocols/rest_json protocols/json_rpc
].each { |plugin| require "aws-sdk-core/plugins/#{plugin}" }
require 'seahorse/client/plugins/content_length'

# Builder makes a client class from a model.
class Builder
  include Seahorse::Model

  SHAPES = {
    'structure' => Shapes::StructureShape, 'list' => Shapes::ListShape, 'map' => Shapes::MapShape, 'string' => Shapes::StringShape,
    'integer' => Shapes::IntegerShape, 'long' => Shapes::IntegerShape, 'float' => Shapes::FloatShape, 'double' => Shapes::FloatShape,
    'boolean' => Shapes::BooleanShape, 'blob' => Shapes::BlobShape, 'timestamp' => Shapes::TimestampShape
  }.freeze

  PROTOCOLS = { 'rest-json' => Aws::Plugins::Protocols::RestJson, 'json' => Aws::Plugins::Protocols::JsonRpc }.freeze

  # client returns a client of the service whose model is in a file of botocore.
  def self.client(name, file, endpoint)
    new(name, JSON.parse(Zlib::GzipReader.open(file, &:read))).build.new(endpoint: endpoint, region: ENV.fetch('AWS_REGION'), retry_limit: 0)
  end

  def initialize(name, model)
    @name, @model = name, model
    @shapes = model['shapes'].to_h { |shape, traits| [shape, SHAPES.fetch(traits['type']).new(name: shape)] }
    @model['shapes'].each { |shape, traits| fill(@shapes[shape], traits) }
  end

  def build
    errors = Module.new { extend Aws::Errors::DynamicErrors }
    space = Aws.const_set(@name, Module.new)
    space.const_set(:Errors, errors)
    api, protocol = self.api, PROTOCOLS.fetch(@model['metadata']['protocol'])
    space.const_set(:Client, Class.new(Seahorse::Client::Base) do
      include Aws::ClientStubs

      @identifier = api.metadata['endpointPrefix'].to_sym
      class << self
        attr_reader :identifier

        def errors_module = const_get(name.sub(/::Client$/, '::Errors'))
      end
      set_api(api)
      [
        Seahorse::Client::Plugins::ContentLength, Aws::Plugins::CredentialsConfiguration, Aws::Plugins::ParamConverter,
        Aws::Plugins::ParamValidator, Aws::Plugins::UserAgent, Aws::Plugins::RetryErrors, Aws::Plugins::GlobalConfiguration,
        Aws::Plugins::RegionalEndpoint, Aws::Plugins::ResponsePaging, Aws::Plugins::StubResponses, Aws::Plugins::IdempotencyToken, Aws::Plugins::SignatureV4, protocol
      ].each { |plugin| add_plugin(plugin) }
    end)
  end

  private

  def api
    api = Api.new
    api.metadata = @model['metadata'].merge('uid' => @model['metadata']['uid'])
    api.version = @model['metadata']['apiVersion']
    @model['operations'].each { |name, traits| api.add_operation(underscore(name).to_sym, operation(name, traits)) }
    api
  end

  def operation(name, traits)
    Operation.new.tap do |o|
      o.name, o.http_method, o.http_request_uri = name, traits['http']['method'], traits['http']['requestUri']
      o.input = ref(traits['input'])
      o.output = ref(traits['output'])
      (traits['errors'] || []).each { |error| o.errors << ref(error) }
    end
  end

  def ref(traits)
    return Shapes::ShapeRef.new(shape: Shapes::StructureShape.new(struct_class: Aws::EmptyStructure)) unless traits

    Shapes::ShapeRef.new(shape: @shapes.fetch(traits['shape']), location: traits['location'], location_name: traits['locationName'])
  end

  def fill(shape, traits)
    case shape
    when Shapes::StructureShape
      names = traits['members'].map do |member, of|
        name = underscore(member).to_sym
        required = (traits['required'] || []).include?(member)
        shape.add_member(name, Shapes::ShapeRef.new(
          shape: @shapes.fetch(of['shape']), required: required, location: of['location'], location_name: of['locationName'] || member))
        name
      end
      shape.struct_class = names.empty? ? Aws::EmptyStructure : Struct.new(*names) { include Aws::Structure }
    when Shapes::ListShape then shape.member = ref(traits['member'])
    when Shapes::MapShape
      shape.key = ref(traits['key'])
      shape.value = ref(traits['value'])
    end
  end

  def underscore(name) = name.gsub(/([a-z0-9])([A-Z])/, '\1_\2').gsub(/([A-Z]+)([A-Z][a-z])/, '\1_\2').downcase
end
