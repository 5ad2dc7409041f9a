using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Dashboards.Features.Sharing;

internal sealed class GetSharedDashboardEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{token}", HandleAsync).WithName("GetSharedDashboard").AllowAnonymous()
            .WithSummary("Read the dashboard of a share link; X-Share-Password holds the password where the link has one")
            .Produces<SharedDashboardView>();

    private static async Task HandleAsync(
        string token, VisitorDoor door, IMediator mediator, IOptions<DashboardsOptions> options, TimeProvider clock, HttpContext http)
    {
        var (board, refused, retryAfter) = await door.OpenAsync(
            token, http.Request.Headers[VisitorDoor.PasswordHeader].FirstOrDefault(), http.RequestAborted);
        if (board is null)
        {
            await VisitorDoor.RefuseAsync(http, refused!, retryAfter);
            return;
        }

        await mediator.Send(new CountShareLinkUseCommand(), http.RequestAborted);
        await WriteAsync(http, board, CacheControlOf(board, options.Value, clock.GetUtcNow()));
    }

    // A CDN may keep it, and asks each time whether it still stands: a link that was ended opens nothing from then on. One that is told of
    // changes need not ask for a while, but never beyond the link's end.
    private static string CacheControlOf(SharedBoard board, DashboardsOptions options, DateTimeOffset now)
    {
        if (board.PasswordHash is not null)
        {
            return "private, no-cache";
        }

        var left = board.ExpiresAt is { } end ? Math.Max(0, (end - now).TotalSeconds) : double.MaxValue;
        return string.IsNullOrEmpty(options.CdnPurgeUrl)
            ? "public, no-cache"
            : string.Create(CultureInfo.InvariantCulture, $"public, max-age=0, must-revalidate, s-maxage={(int)Math.Min(options.CdnSeconds, left)}");
    }

    private static async Task WriteAsync(HttpContext http, SharedBoard board, string cacheControl)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(SharedDashboardView.From(board), PlatformJson.Options);
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(body))[..32]}\"";
        VisitorDoor.WriteHeaders(http, board);
        http.Response.Headers.ETag = tag;
        http.Response.Headers.CacheControl = cacheControl;
        if (http.Request.Headers.IfNoneMatch.ToString().Split(',', StringSplitOptions.TrimEntries)
            .Any(known => known == "*" || known.EndsWith(tag, StringComparison.Ordinal)))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        http.Response.ContentType = "application/json; charset=utf-8";
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }
}

/// <summary>What a visitor sees of a board: how it looks, and nothing of where its data come from.</summary>
internal sealed record SharedDashboardView(
    Guid Id, string Name, string? Description, JsonElement Layout, JsonElement Config, JsonElement LockedParameters, DateTimeOffset? ExpiresAt,
    IReadOnlyList<SharedWidgetView> Widgets)
{
    public static SharedDashboardView From(SharedBoard board) => new(
        board.DashboardId, board.Document.Name, board.Document.Description, board.Document.Layout, WithoutQueries(board.Document.Config),
        board.Locked, board.ExpiresAt,
        [.. board.Document.Widgets.Select(widget => new SharedWidgetView(
            widget.Id, widget.Type, widget.Config, widget.DataQuery is not null, widget.PositionX, widget.PositionY, widget.Width, widget.Height))]);

    private static JsonElement WithoutQueries(JsonElement config)
    {
        if (JsonNode.Parse(config.GetRawText()) is not JsonObject copy)
        {
            return config;
        }

        var parameters = copy["parameters"] switch
        {
            JsonArray items => items.OfType<JsonObject>(),
            JsonObject members => members.Select(member => member.Value).OfType<JsonObject>(),
            _ => [],
        };
        foreach (var parameter in parameters)
        {
            parameter.Remove("query");
        }

        return JsonSerializer.SerializeToElement(copy);
    }
}

internal sealed record SharedWidgetView(
    Guid Id, string Type, JsonElement Config, bool HasData, int PositionX, int PositionY, int Width, int Height);
