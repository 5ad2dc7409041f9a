using Platform.SharedKernel.Events;

namespace Platform.Chat.Contracts.Events;

/// <summary>Its owner deleted a chat session, with all its messages.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="UserId">Its owner.</param>
[EventName("chat.session-deleted.v1")]
public sealed record ChatSessionDeletedIntegrationEvent(Guid SessionId, Guid UserId) : IntegrationEvent(SessionId);
