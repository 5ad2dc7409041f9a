using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Data;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Domain.Parameters;
using Platform.Dashboards.Features.Grants;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Sharing;

internal sealed class CreateShareLinkEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/share-links", HandleAsync).WithName("CreateShareLink")
            .WithSummary("Make a link that shows your dashboard without an account; its token is shown this once");

    private static async Task<Created<CreateShareLinkResponse>> HandleAsync(
        Guid id, CreateShareLinkBody? body, IMediator mediator, CancellationToken cancellationToken)
    {
        var response = await mediator.Send(new CreateShareLinkCommand(id, body ?? new CreateShareLinkBody()), cancellationToken);
        return TypedResults.Created($"/api/v1/share-links/{response.Id}", response);
    }
}

internal sealed record CreateShareLinkBody(
    DateTimeOffset? ExpiresAt = null,
    JsonElement? LockedParameters = null,
    string? Password = null,
    IReadOnlyList<string>? AllowedOrigins = null);

internal sealed record CreateShareLinkCommand(Guid DashboardId, CreateShareLinkBody Body) : ICommand<CreateShareLinkResponse>
{
    /// <summary>Records print their members; this one must never print its password.</summary>
    public override string ToString() => $"CreateShareLinkCommand {{ DashboardId = {DashboardId} }}";
}

/// <summary>The new link. <c>token</c> is shown here and never again; <c>url</c> is the route that it opens.</summary>
internal sealed record CreateShareLinkResponse(
    Guid Id, string Token, string Url, DateTimeOffset? ExpiresAt, JsonElement LockedParameters, bool HasPassword,
    JsonElement AllowedOrigins, DateTimeOffset CreatedAt);

internal sealed class CreateShareLinkValidator : AbstractValidator<CreateShareLinkCommand>
{
    private const int MaxOrigins = 20;

    public CreateShareLinkValidator(TimeProvider clock)
    {
        RuleFor(command => command.Body.ExpiresAt).Must(time => time is null || time > clock.GetUtcNow()).WithMessage("Must be in the future.");
        RuleFor(command => command.Body.LockedParameters).Document();
        RuleFor(command => command.Body.Password).Length(4, 200);
        RuleFor(command => command.Body.AllowedOrigins).Must(origins => origins is null || origins.Count <= MaxOrigins)
            .WithMessage($"At most {MaxOrigins} origins.");
        RuleForEach(command => command.Body.AllowedOrigins).Must(IsOrigin).WithMessage("Must be an origin, such as https://example.com.");
    }

    private static bool IsOrigin(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
        && string.Equals(uri.GetLeftPart(UriPartial.Authority), origin, StringComparison.OrdinalIgnoreCase);
}

internal sealed class CreateShareLinkHandler(DashboardsDbContext db, DashboardAccess access, IMediator mediator, TimeProvider clock)
    : IRequestHandler<CreateShareLinkCommand, CreateShareLinkResponse>
{
    private static readonly JsonElement NoValues = JsonElement.Parse("{}");
    private static readonly JsonElement NoOrigins = JsonElement.Parse("[]");

    public async Task<CreateShareLinkResponse> Handle(CreateShareLinkCommand request, CancellationToken cancellationToken)
    {
        var (body, now) = (request.Body, clock.GetUtcNow());
        var board = await mediator.Send(new ReadBoardAsksQuery(request.DashboardId), cancellationToken);
        access.RequireOwner(board.OwnerId);
        // A locked value that the board does not take would lock nothing.
        ViewerValues.CheckLocked(
            ParameterDefinitions.Read(board.Config), board.QueryNames, body.LockedParameters, DateOnly.FromDateTime(now.UtcDateTime));
        var count = await db.ShareLinks.CountAsync(link => link.DashboardId == request.DashboardId, cancellationToken);
        RuleViolationException.ThrowIf(count >= ShareLink.MaxLinks, "too_many_share_links", $"A dashboard has at most {ShareLink.MaxLinks} links.");

        var token = ShareTokens.Create();
        var link = ShareLink.Create(request.DashboardId, board.OwnerId, ShareTokens.HashOf(token), new ShareTerms(
            body.ExpiresAt?.ToUniversalTime(),
            body.LockedParameters ?? NoValues,
            body.Password is { } password ? SharePasswords.Hash(password) : null,
            body.AllowedOrigins is { } origins ? JsonSerializer.SerializeToElement(origins) : NoOrigins), now);
        db.ShareLinks.Add(link);
        return new CreateShareLinkResponse(
            link.Id, token, $"/api/v1/public/dashboards/{token}", link.ExpiresAt, link.LockedParameters, link.PasswordHash is not null,
            link.AllowedOrigins, link.CreatedAt);
    }
}
