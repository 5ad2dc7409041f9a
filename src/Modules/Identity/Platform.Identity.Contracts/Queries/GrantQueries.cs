using Platform.Identity.Contracts.Commands;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Identity.Contracts.Queries;

/// <summary>Whom the caller has given a thing, newest first.</summary>
/// <param name="ObjectType">The kind of the thing.</param>
/// <param name="ObjectId">The thing.</param>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">The place of the page.</param>
public sealed record ListGrantsQuery(string ObjectType, Guid ObjectId, int? Limit, string? Cursor) : IQuery<Page<GrantResponse>>;

/// <summary>What the caller was given.</summary>
/// <param name="ObjectType">The kind of the things.</param>
/// <param name="ObjectId">One thing, or null for all.</param>
public sealed record ListHeldGrantsQuery(string ObjectType, Guid? ObjectId = null) : IQuery<IReadOnlyList<HeldGrant>>;

/// <summary>A thing that somebody gave the caller.</summary>
/// <param name="ObjectId">The thing.</param>
/// <param name="OwnerId">Whose it is.</param>
/// <param name="Role"><c>view</c> or <c>edit</c>.</param>
public sealed record HeldGrant(Guid ObjectId, Guid OwnerId, string Role);
