namespace Platform.SharedKernel.Infrastructure.Mail;

/// <summary>A mail that was not taken.</summary>
/// <param name="code">Why, as a stable code.</param>
/// <param name="message">Why, for people.</param>
/// <param name="isTransient">Whether trying again may help.</param>
/// <param name="innerException">What the mail server or the network said.</param>
public sealed class MailException(string code, string message, bool isTransient, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>Why, as a stable code.</summary>
    public string Code { get; } = code;

    /// <summary>Whether trying again may help.</summary>
    public bool IsTransient { get; } = isTransient;
}
