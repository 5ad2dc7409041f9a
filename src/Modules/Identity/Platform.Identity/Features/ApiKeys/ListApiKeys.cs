using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Identity.Features.ApiKeys;

internal sealed class ListApiKeysEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/", HandleAsync).WithName("ListApiKeys").WithSummary("List your API keys, newest first");

    private static async Task<Ok<Page<ApiKeyResponse>>> HandleAsync(
        int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListApiKeysQuery(limit, cursor), cancellationToken));
}

internal sealed record ListApiKeysQuery(int? Limit, string? Cursor) : IQuery<Page<ApiKeyResponse>>;

internal sealed class ListApiKeysValidator : AbstractValidator<ListApiKeysQuery>
{
    public ListApiKeysValidator() => this.RuleForLimit(query => query.Limit);
}

internal sealed class ListApiKeysHandler(IdentityDbContext db, Cursors cursors) : IRequestHandler<ListApiKeysQuery, Page<ApiKeyResponse>>
{
    private const string List = "api_keys";

    public async Task<Page<ApiKeyResponse>> Handle(ListApiKeysQuery request, CancellationToken cancellationToken)
    {
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor) ?? Guid.AllBitsSet;
        var keys = await db.ApiKeys.AsNoTracking()
            .Where(key => key.Id < before)
            .OrderByDescending(key => key.Id)
            .Take(page.Take + 1)
            .Select(key => new ApiKeyResponse(key.Id, key.Name, key.Prefix, key.Scopes, key.ExpiresAt, key.LastUsedAt, key.CreatedAt))
            .ToListAsync(cancellationToken);
        return cursors.ToPage(List, keys, page, key => key.Id);
    }
}
