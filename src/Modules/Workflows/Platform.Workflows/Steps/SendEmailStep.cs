using System.Net.Mail;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Platform.SharedKernel.Infrastructure.Mail;
using Platform.Workflows.Engine;

namespace Platform.Workflows.Steps;

/// <summary>Sends a mail to each of a few people, none of whom sees the others.</summary>
internal sealed class SendEmailStep : IStepType
{
    private const int MostRecipients = 20;
    private const int MaxSubjectLength = 200;
    private const int MaxBodyLength = 256 * 1024;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    public string Type => "send_email";

    public string Title => "Send a mail";

    public bool IsPure => false;

    public IReadOnlyList<StepMember> Members { get; } =
    [
        new("to", "any", "An address, or a list of at most 20.", IsRequired: true),
        new("subject", "string", "One line.", IsRequired: true),
        new("text", "string", "The plain text.", IsRequired: true),
        new("html", "string", "The same as HTML."),
    ];

    public JsonObject Example => new()
    {
        ["to"] = "team@example.com",
        ["subject"] = "Sales of {{ input.since }}",
        ["text"] = "{{ steps.report.output }}",
    };

    public async Task<StepResult> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        var (subject, text, html) = (context.Text("subject") ?? "", context.Text("text") ?? "", context.Text("html"));
        if (!TryRecipients(context.With["to"], out var recipients))
        {
            return new StepResult.Failed("step_input_invalid", $"to is 1 to {MostRecipients} mail addresses.");
        }

        if (subject.Length is 0 or > MaxSubjectLength || subject.AsSpan().IndexOfAny('\r', '\n') >= 0)
        {
            return new StepResult.Failed("step_input_invalid", $"subject is one line of 1 to {MaxSubjectLength} characters.");
        }

        if (text.Length > MaxBodyLength || html?.Length > MaxBodyLength)
        {
            return new StepResult.Failed("step_input_invalid", $"text and html have at most {MaxBodyLength} characters.");
        }

        if (await IsOverLimitAsync(context, recipients.Count, cancellationToken))
        {
            return new StepResult.Failed(
                "mail_limit_reached", "Your workflows have sent as many mails as they may within an hour.", IsRetryable: true, RetryAfter: Pause);
        }

        try
        {
            var mailer = context.Services.GetRequiredService<IMailer>();
            foreach (var recipient in recipients)
            {
                await mailer.SendAsync(new OutgoingMail(IdOf(context, recipient), recipient, subject, text, html), cancellationToken);
            }
        }
        catch (MailException exception)
        {
            return new StepResult.Failed(exception.Code, exception.Message, exception.IsTransient);
        }

        return new StepResult.Completed(new JsonObject { ["sent"] = recipients.Count });
    }

    private static async Task<bool> IsOverLimitAsync(StepContext context, int more, CancellationToken cancellationToken)
    {
        var limit = context.Services.GetRequiredService<IOptions<EngineOptions>>().Value.MailsPerHour;
        var sent = await context.Services.GetRequiredService<IMediator>()
            .Send(new CountMailsQuery(context.Run.Now - TimeSpan.FromHours(1)), cancellationToken);
        return sent + more > limit;
    }

    // The same mail of the same step: tried again, nobody gets it twice.
    private static Guid IdOf(StepContext context, string recipient) =>
        new(SHA256.HashData(Encoding.UTF8.GetBytes($"{context.IdempotencyKey}\n{recipient}")).AsSpan(0, 16));

    private static bool TryRecipients(JsonNode? to, out List<string> recipients)
    {
        var given = to is JsonArray list ? list.ToList() : [to];
        recipients = [.. given
            .Select(address => address?.GetValueKind() == JsonValueKind.String ? address.GetValue<string>().Trim() : "")
            .Distinct(StringComparer.OrdinalIgnoreCase)];
        return recipients.Count is > 0 and <= MostRecipients && recipients.TrueForAll(IsAddress);
    }

    private static bool IsAddress(string text) =>
        text.Length is > 2 and <= 320 && MailAddress.TryCreate(text, out var address) && address.Address == text && text.All(c => c > ' ');
}
