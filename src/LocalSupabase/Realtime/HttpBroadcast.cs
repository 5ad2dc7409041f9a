using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Realtime.Channels;
using Platform.LocalSupabase.Realtime.Wire;

namespace Platform.LocalSupabase.Realtime;

/// <summary>Broadcasts over HTTP, for those who have joined nothing.</summary>
internal sealed class HttpBroadcast(ChannelIdentities identities, ChannelAuthorizer authorizer, Rooms rooms, RealtimeLimits limits)
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/broadcast", (HttpContext http, HttpBroadcast broadcast) => broadcast.SendManyAsync(http));
        api.MapPost(
            "/broadcast/{topic}/events/{name}",
            (string topic, string name, HttpContext http, HttpBroadcast broadcast) => broadcast.SendOneAsync(topic, name, http));
    }

    private async Task<IResult> SendManyAsync(HttpContext http)
    {
        if (await CallerAsync(http) is not { } caller)
        {
            return Unauthorized();
        }

        JsonElement body;
        try
        {
            body = JsonElement.Parse(await BodyAsync(http));
        }
        catch (JsonException)
        {
            return Invalid("is not JSON");
        }

        if (JoinConfig.Member(body, "messages") is not { ValueKind: JsonValueKind.Array } messages || !messages.EnumerateArray().All(IsMessage))
        {
            return Invalid("needs a topic, an event and a payload");
        }

        foreach (var message in messages.EnumerateArray())
        {
            var key = new RoomKey(
                JoinConfig.Text(message, "topic")!, JoinConfig.Member(message, "private").ValueKind == JsonValueKind.True);
            // What the caller may not write is dropped in silence: the answer does not tell which topics there are.
            if (await MayWriteAsync(caller, key, http.RequestAborted))
            {
                var payload = JsonSerializer.SerializeToUtf8Bytes(JoinConfig.Member(message, "payload"));
                rooms.Broadcast(key, null, Payload.Broadcast(JoinConfig.Text(message, "event")!, payload, ""));
            }
        }

        return TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    private async Task<IResult> SendOneAsync(string topic, string name, HttpContext http)
    {
        var isJson = http.Request.HasJsonContentType();
        if (!isJson && http.Request.ContentType != "application/octet-stream")
        {
            return TypedResults.StatusCode(StatusCodes.Status415UnsupportedMediaType);
        }

        var key = new RoomKey(topic, http.Request.Query["private"] == "true");
        if (await CallerAsync(http) is not { } caller || !await MayWriteAsync(caller, key, http.RequestAborted))
        {
            return Unauthorized();
        }

        var body = await BodyAsync(http);
        if (isJson && !IsJson(body))
        {
            return Invalid("is not JSON");
        }

        rooms.Broadcast(key, null, name, "", isJson, body);
        return TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    private async Task<ChannelIdentity?> CallerAsync(HttpContext http)
    {
        var header = http.Request.Headers.Authorization.ToString();
        string? key = http.Request.Headers["apikey"];
        var token = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..].Trim() : key;
        return string.IsNullOrEmpty(token) ? null : (await identities.ResolveAsync(token)).Identity;
    }

    private async Task<bool> MayWriteAsync(ChannelIdentity caller, RoomKey key, CancellationToken cancellationToken) =>
        !key.IsPrivate || await authorizer.MayWriteAsync(caller, key.Name, ChannelAuthorizer.Broadcast, cancellationToken);

    private async Task<byte[]> BodyAsync(HttpContext http)
    {
        if (http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = limits.MaxPayloadBytes;
        }

        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        return body.ToArray();
    }

    private static bool IsMessage(JsonElement message) =>
        JoinConfig.Text(message, "topic") is { Length: > 0 } && JoinConfig.Text(message, "event") is not null
        && JoinConfig.Member(message, "payload").ValueKind != JsonValueKind.Undefined;

    private static bool IsJson(byte[] body)
    {
        try
        {
            JsonElement.Parse(body);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static JsonHttpResult<JsonObject> Unauthorized() => TypedResults.Json(new JsonObject { ["message"] = "Unauthorized" }, statusCode: StatusCodes.Status401Unauthorized);

    private static JsonHttpResult<JsonObject> Invalid(string what) => TypedResults.Json(
        new JsonObject { ["errors"] = new JsonObject { ["messages"] = new JsonArray(what) } }, statusCode: StatusCodes.Status422UnprocessableEntity);
}
