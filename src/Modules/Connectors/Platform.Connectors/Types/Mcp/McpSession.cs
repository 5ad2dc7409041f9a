using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Platform.Connectors.Types.Http;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Connectors.Types.Mcp;

/// <summary>
/// A connection to a server of the Model Context Protocol over streamable HTTP. The server is given no way to ask back: no sampling, no
/// elicitation, no roots.
/// </summary>
internal sealed class McpSession : IAsyncDisposable
{
    private const long MaxResponseBytes = 32 * 1024 * 1024;
    private readonly McpClient _client;
    private readonly HttpClient _http;

    private McpSession(McpClient client, HttpClient http) => (_client, _http) = (client, http);

    public static async Task<McpSession> OpenAsync(
        ConnectorSettings settings, EgressClient egress, HttpAuthenticator authenticator, CancellationToken cancellationToken)
    {
        var source = HttpSource.From(settings.Config);
        var http = egress.CreateHttpClient(MaxResponseBytes);
        try
        {
            HttpClientTransportOptions target = new()
            {
                Endpoint = new Uri(source.Url),
                TransportMode = HttpTransportMode.StreamableHttp,
                AdditionalHeaders = await authenticator.HeadersAsync(settings, source, cancellationToken),
                EnableStandaloneGetStream = false,
                MaxReconnectionAttempts = 1,
            };
            HttpClientTransport transport = new(target, http);
            var options = new McpClientOptions { ClientInfo = new Implementation { Name = "Platform", Version = "1.0" } };
            return new McpSession(await McpClient.CreateAsync(transport, options, null, cancellationToken), http);
        }
        catch
        {
            http.Dispose();
            throw;
        }
    }

    public async Task<IReadOnlyList<Tool>> ListToolsAsync(CancellationToken cancellationToken) =>
        [.. (await _client.ListToolsAsync(cancellationToken: cancellationToken)).Select(tool => tool.ProtocolTool)];

    /// <summary>The resources; none if the server offers none.</summary>
    public async Task<IReadOnlyList<Resource>> ListResourcesAsync(CancellationToken cancellationToken) =>
        _client.ServerCapabilities.Resources is null
            ? []
            : [.. (await _client.ListResourcesAsync(cancellationToken: cancellationToken)).Select(resource => resource.ProtocolResource)];

    public async Task<CallToolResult> CallAsync(McpCall call, CancellationToken cancellationToken) =>
        await _client.CallToolAsync(call.Name, call.Arguments, cancellationToken: cancellationToken);

    public async Task<ReadResourceResult> ReadAsync(string uri, CancellationToken cancellationToken) =>
        await _client.ReadResourceAsync(uri, cancellationToken: cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        _http.Dispose();
    }
}
