namespace Platform.SharedKernel.Infrastructure.Mail;

/// <summary>A mail to one person.</summary>
/// <param name="Id">The same for the same mail, however often it is tried.</param>
/// <param name="Recipient">The address.</param>
/// <param name="Subject">One line.</param>
/// <param name="Text">The plain text.</param>
/// <param name="Html">The same as HTML; null for none.</param>
/// <param name="Attachments">Files that go with it; null for none.</param>
public sealed record OutgoingMail(
    Guid Id, string Recipient, string Subject, string Text, string? Html = null, IReadOnlyList<MailAttachment>? Attachments = null);

/// <summary>A file that goes with a mail.</summary>
/// <param name="Name">Its name.</param>
/// <param name="MediaType">Its media type, for example <c>application/pdf</c>.</param>
/// <param name="Content">Its bytes.</param>
public sealed record MailAttachment(string Name, string MediaType, ReadOnlyMemory<byte> Content);
