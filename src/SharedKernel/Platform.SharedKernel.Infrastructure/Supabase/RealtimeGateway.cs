using System.Net.Http.Json;

namespace Platform.SharedKernel.Infrastructure.Supabase;

/// <summary>Supabase Realtime's broadcast over HTTP.</summary>
public sealed class RealtimeGateway
{
    private readonly SupabaseHttp _http;

    internal RealtimeGateway(SupabaseHttp http) => _http = http;

    /// <summary>Sends a message to everybody on a private channel.</summary>
    /// <param name="topic">The channel.</param>
    /// <param name="eventName">The message's event.</param>
    /// <param name="payload">The message's data.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>When it is accepted.</returns>
    public async Task BroadcastAsync(string topic, string eventName, object payload, CancellationToken cancellationToken)
    {
        var message = new Dictionary<string, object> { ["topic"] = topic, ["event"] = eventName, ["payload"] = payload, ["private"] = true };
        using var content = JsonContent.Create(new Dictionary<string, object> { ["messages"] = new[] { message } });
        using var request = _http.Request(HttpMethod.Post, "realtime/v1/api/broadcast", content);
        using var response = await _http.SendAsync(request, cancellationToken);
    }
}
