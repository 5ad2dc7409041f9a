using System.Text.Json;
using Platform.SharedKernel.Messages;

namespace Platform.Chat.Contracts.Queries;

/// <summary>
/// All chat sessions of the caller with their messages, for a copy that the caller takes along. Holds no secret, sealed or hashed.
/// </summary>
public sealed record ExportChatQuery : IQuery<JsonElement>;
