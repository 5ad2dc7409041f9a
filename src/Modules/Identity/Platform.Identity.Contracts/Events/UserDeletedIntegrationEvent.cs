using Platform.SharedKernel.Events;

namespace Platform.Identity.Contracts.Events;

/// <summary>
/// A person deleted their account: whoever keeps something of theirs deletes it, rows and files. It may be said again, for what was
/// written while the first was on its way.
/// </summary>
/// <param name="UserId">The person.</param>
[EventName("identity.user-deleted.v1")]
public sealed record UserDeletedIntegrationEvent(Guid UserId) : IntegrationEvent(UserId);
