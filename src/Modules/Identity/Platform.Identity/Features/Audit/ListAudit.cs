using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Domain;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Identity.Features.Audit;

internal sealed class ListAuditEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/audit", HandleAsync).WithName("ListAudit").WithSummary("List what was done to your account, newest first");

    private static async Task<Ok<Page<AuditEntryResponse>>> HandleAsync(
        int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListAuditQuery(limit, cursor), cancellationToken));
}

internal sealed record ListAuditQuery(int? Limit, string? Cursor) : IQuery<Page<AuditEntryResponse>>;

/// <summary>An entry of the log. Where the actor is not the user, somebody of the staff did it, or the system where there is none.</summary>
internal sealed record AuditEntryResponse(
    Guid Id, Guid UserId, Guid? ActorId, string Action, string? ObjectType, Guid? ObjectId, string? Reason, JsonElement Details, long Sequence,
    string Hash, DateTimeOffset CreatedAt)
{
    public static AuditEntryResponse From(AuditEntry entry) =>
        new(
            entry.Id, entry.UserId, entry.ActorId, entry.Action, entry.ObjectType, entry.ObjectId, entry.Reason, entry.Details, entry.Sequence,
            Convert.ToHexStringLower(entry.Hash), entry.CreatedAt);
}

internal sealed class ListAuditValidator : AbstractValidator<ListAuditQuery>
{
    public ListAuditValidator() => this.RuleForLimit(query => query.Limit);
}

internal sealed class ListAuditHandler(IdentityDbContext db, ICurrentCaller caller, Cursors cursors)
    : IRequestHandler<ListAuditQuery, Page<AuditEntryResponse>>
{
    private const string List = "audit";

    public async Task<Page<AuditEntryResponse>> Handle(ListAuditQuery request, CancellationToken cancellationToken)
    {
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor) ?? Guid.AllBitsSet;
        var entries = await db.AuditLog.AsNoTracking()
            .Where(entry => entry.UserId == caller.UserId && entry.Id < before)
            .OrderByDescending(entry => entry.Id)
            .Take(page.Take + 1)
            .ToListAsync(cancellationToken);
        return cursors.ToPage(List, [.. entries.Select(AuditEntryResponse.From)], page, entry => entry.Id);
    }
}
