using Platform.SharedKernel.Messages;

namespace Platform.Identity.Contracts.Commands;

/// <summary>Gives a thing of the caller's to somebody else. Whose the thing is, its module has found out.</summary>
/// <param name="ObjectType"><c>dashboard</c>, <c>workflow</c>, <c>artifact</c> or <c>connector</c>.</param>
/// <param name="ObjectId">The thing.</param>
/// <param name="Email">The person's confirmed address.</param>
/// <param name="Role"><c>view</c> or <c>edit</c>.</param>
public sealed record GiveGrantCommand(string ObjectType, Guid ObjectId, string Email, string Role) : ICommand<GrantResponse>;

/// <summary>A thing given to a person.</summary>
/// <param name="Id">The grant.</param>
/// <param name="UserId">Who may use the thing.</param>
/// <param name="Email">Their address.</param>
/// <param name="Role"><c>view</c> or <c>edit</c>.</param>
/// <param name="CreatedAt">Since when.</param>
public sealed record GrantResponse(Guid Id, Guid UserId, string Email, string Role, DateTimeOffset CreatedAt);

/// <summary>Ends a grant that the caller gave or holds.</summary>
/// <param name="ObjectType">The kind of the thing.</param>
/// <param name="ObjectId">The thing.</param>
/// <param name="GrantId">The grant.</param>
public sealed record EndGrantCommand(string ObjectType, Guid ObjectId, Guid GrantId) : ICommand;
