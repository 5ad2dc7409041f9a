namespace Platform.Identity.Domain;

/// <summary>A thing that its owner gave somebody else, to view or to edit.</summary>
internal sealed class Grant
{
    public const string View = "view";
    public const string Edit = "edit";

    private Grant(Guid id, string objectType, Guid objectId, Guid userId, Guid ownerId, string role) =>
        (Id, ObjectType, ObjectId, UserId, OwnerId, Role) = (id, objectType, objectId, userId, ownerId, role);

    public Guid Id { get; private init; }

    public string ObjectType { get; private init; }

    public Guid ObjectId { get; private init; }

    public Guid UserId { get; private init; }

    public Guid OwnerId { get; private init; }

    public string Role { get; private init; }
}
