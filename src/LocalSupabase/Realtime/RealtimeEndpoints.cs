using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Platform.LocalSupabase.Http;
using Platform.LocalSupabase.Realtime.Changes;
using Platform.LocalSupabase.Realtime.Channels;
using Platform.LocalSupabase.Realtime.Nodes;
using Platform.LocalSupabase.Realtime.Topics;

namespace Platform.LocalSupabase.Realtime;

/// <summary>The realtime API, <c>realtime/v1</c>: the table of contents.</summary>
internal static class RealtimeEndpoints
{
    public static IServiceCollection AddRealtime(this IServiceCollection services) => services
        .AddSingleton(provider => provider.GetRequiredService<LocalSupabaseOptions>().Realtime)
        .AddSingleton<RealtimeDatabase>()
        .AddSingleton<ChannelIdentities>()
        .AddSingleton<ChannelAuthorizer>()
        .AddSingleton<NodeBus>()
        .AddSingleton<Rooms>()
        .AddSingleton<RelationCatalog>()
        .AddSingleton<RowVisibility>()
        .AddSingleton<ChangeDispatcher>()
        .AddSingleton<StoredBroadcasts>()
        .AddSingleton<ChangeFeed>()
        .AddSingleton<TopicBroadcasts>()
        .AddSingleton<ChannelJoin>()
        .AddSingleton<HttpBroadcast>()
        .AddSingleton<RealtimeService>()
        .AddHostedService(provider => provider.GetRequiredService<RealtimeService>());

    public static void MapRealtime(this IEndpointRouteBuilder routes)
    {
        var realtime = routes.MapGroup("/realtime/v1").AllowAnonymous().ExcludeFromDescription();
        var socket = routes.CreateApplicationBuilder().UseWebSockets();
        socket.Run(ConnectAsync);
        realtime.Map("/websocket", socket.Build());
        var api = realtime.MapGroup("/api").WithOpenCors("");
        api.AddEndpointFilter<ApiKeyGateway>();
        HttpBroadcast.Map(api);
    }

    // The handshake: the key must verify and say a role.
    private static async Task ConnectAsync(HttpContext http)
    {
        var service = http.RequestServices.GetRequiredService<RealtimeService>();
        var identities = http.RequestServices.GetRequiredService<ChannelIdentities>();
        if (!http.WebSockets.IsWebSocketRequest)
        {
            await RefuseAsync(http, StatusCodes.Status426UpgradeRequired, "A WebSocket is expected here");
            return;
        }

        string? key = http.Request.Headers["x-api-key"];
        key = string.IsNullOrEmpty(key) ? http.Request.Query["apikey"] : key;
        if (string.IsNullOrEmpty(key))
        {
            await RefuseAsync(http, StatusCodes.Status401Unauthorized, "API key is missing");
            return;
        }

        var result = await identities.ResolveAsync(key);
        if (result.Identity is null)
        {
            await RefuseAsync(http, StatusCodes.Status401Unauthorized, result.Refusal![(result.Refusal!.IndexOf(": ", StringComparison.Ordinal) + 2)..]);
            return;
        }

        if (!service.HasRoom)
        {
            await RefuseAsync(http, StatusCodes.Status429TooManyRequests, "Too many connected users");
            return;
        }

        var version = http.Request.Query["vsn"].ToString().StartsWith("2.", StringComparison.Ordinal) ? 2 : 1;
        using var socket = await http.WebSockets.AcceptWebSocketAsync();
        await service.ServeAsync(socket, version, key);
    }

    private static Task RefuseAsync(HttpContext http, int status, string error)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsJsonAsync(new JsonObject { ["error"] = error });
    }
}
