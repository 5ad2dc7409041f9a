using System.Net;
using MediatR;
using Microsoft.Extensions.Options;
using Platform.Dashboards.Exports;
using Platform.Dashboards.Features.Subscriptions;
using Platform.Identity.Contracts.Queries;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Mail;

namespace Platform.Dashboards.Delivery;

/// <summary>Writes the mails of subscriptions, with what the subscriber may see at the time.</summary>
internal sealed class SubscriptionMail(IMailer mailer, IMediator mediator, ExportPictures pictures, IOptions<DashboardsOptions> options)
{
    /// <summary>Draws the board and writes the mail, or says why not. The mail has the run's id, however often it is tried.</summary>
    public async Task<(OutgoingMail? Mail, RunOutcome? Refused)> WriteAsync(TakenRun run, CancellationToken cancellationToken)
    {
        if ((await mediator.Send(new GetMailAddressQuery(), cancellationToken)).Address is not { Length: > 0 } address)
        {
            return (null, new RunOutcome(false, "no_mail_address", Stops: true));
        }

        try
        {
            var board = await mediator.Send(new ReadBoardToDrawQuery(run.DashboardId), cancellationToken);
            var query = new ExportQuery(run.Format, run.Theme, null, run.Parameters.GetRawText());
            var content = await pictures.BoardAsync(board, query, run.Format, cancellationToken);
            var file = new MailAttachment(FileNameOf(board.Name, run), ExportPictures.MediaTypeOf(run.Format), content);
            return (LetterOf(run, address, board.Name, file), null);
        }
        catch (NotFoundException)
        {
            return (null, new RunOutcome(false, "dashboard_not_visible", Stops: true));
        }
        catch (RuleViolationException exception)
        {
            // Values that the board takes no more will not fit later, either.
            var isOfValues = exception.Code.StartsWith("parameter", StringComparison.Ordinal);
            return (null, new RunOutcome(false, isOfValues ? "parameters_invalid" : exception.Code, Stops: isOfValues));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return (null, new RunOutcome(false, Problem.From(exception).Code, MayHelp: true));
        }
    }

    /// <summary>Hands the mail over.</summary>
    public async Task<RunOutcome> SendAsync(OutgoingMail mail, CancellationToken cancellationToken)
    {
        try
        {
            await mailer.SendAsync(mail, cancellationToken);
            return new RunOutcome(true);
        }
        catch (MailException exception)
        {
            return new RunOutcome(false, exception.Code, exception.IsTransient);
        }
    }

    private OutgoingMail LetterOf(TakenRun run, string address, string board, MailAttachment file)
    {
        var link = options.Value.LinkTo(run.DashboardId);
        var text = $"{board}, as you subscribed to it, is attached.{(link is null ? "" : $"\n\nOpen the board: {link}")}";
        var html = $"<p>{WebUtility.HtmlEncode($"{board}, as you subscribed to it, is attached.")}</p>"
            + (link is null ? "" : $"<p><a href=\"{WebUtility.HtmlEncode(link)}\">Open the board</a></p>");
        return new OutgoingMail(run.Id, address, MailText.OneLine($"{board}, {run.DueAt.UtcDateTime:d MMM yyyy}"), text, html, [file]);
    }

    private static string FileNameOf(string board, TakenRun run)
    {
        var name = new string([.. board.Take(60).Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]).Trim('-');
        return $"{(name.Length == 0 ? "dashboard" : name)}-{run.DueAt.UtcDateTime:yyyy-MM-dd}.{run.Format}";
    }
}
