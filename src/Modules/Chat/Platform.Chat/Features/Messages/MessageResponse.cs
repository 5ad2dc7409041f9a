using System.Text.Json;
using Platform.Chat.Domain;
using Platform.SharedKernel.Paging;

namespace Platform.Chat.Features.Messages;

internal sealed record MessageResponse(
    Guid Id,
    Guid SessionId,
    Guid? ParentId,
    string Role,
    string Status,
    JsonElement Parts,
    string? Model,
    JsonElement? Usage,
    string? ErrorCode,
    string? Error,
    DateTimeOffset CreatedAt) : VersionedResponse
{
    public static MessageResponse From(ChatMessage message, RowVersion? version) =>
        new(
            message.Id, message.SessionId, message.ParentId, message.Role, message.Status, message.Parts, message.Model, message.Usage,
            message.ErrorCode, message.Error, message.CreatedAt)
        { Version = version };
}
