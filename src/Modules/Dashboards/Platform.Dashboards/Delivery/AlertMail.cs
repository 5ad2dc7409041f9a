using System.Globalization;
using System.Net;
using System.Text.Json;
using MediatR;
using Microsoft.Extensions.Options;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Features.Alerts;
using Platform.Identity.Contracts.Queries;
using Platform.SharedKernel.Infrastructure.Mail;

namespace Platform.Dashboards.Delivery;

/// <summary>
/// Tells an alert's owner by mail: one mail for a change of the state, with the id of its delivery, however often it is tried.
/// </summary>
internal sealed class AlertMail(IMailer mailer, IMediator mediator, IOptions<DashboardsOptions> options)
{
    public async Task<DeliveryOutcome> SendAsync(TakenDelivery delivery, CancellationToken cancellationToken)
    {
        if ((await mediator.Send(new GetMailAddressQuery(), cancellationToken)).Address is not { Length: > 0 } address)
        {
            return new DeliveryOutcome(false, "no_mail_address");
        }

        try
        {
            await mailer.SendAsync(Write(delivery, address), cancellationToken);
            return new DeliveryOutcome(true);
        }
        catch (MailException exception)
        {
            return new DeliveryOutcome(false, exception.Code, exception.IsTransient);
        }
    }

    private OutgoingMail Write(TakenDelivery delivery, string address)
    {
        var condition = AlertTermsValidator.ConditionOf(delivery.Condition);
        var (state, sentence) = SentenceOf(delivery, condition);
        var widget = delivery.WidgetConfig.TryGetProperty("title", out var title) && title.ValueKind == JsonValueKind.String
            ? title.GetString()
            : null;
        var link = options.Value.LinkTo(delivery.DashboardId);
        List<string> facts =
        [
            $"Board: {delivery.BoardName}", $"Checked: {delivery.CheckedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC", $"Before: {delivery.Before}",
        ];
        if (widget is not null)
        {
            facts.Insert(1, $"Widget: {widget}");
        }

        var headline = $"{delivery.AlertName}: {state}";
        var text = $"{headline}\n{sentence}\n\n{string.Join('\n', facts)}{(link is null ? "" : $"\n\nOpen the board: {link}")}";
        var html = $"<h2>{WebUtility.HtmlEncode(headline)}</h2><p>{WebUtility.HtmlEncode(sentence)}</p>"
            + $"<p>{string.Join("<br>", facts.Select(WebUtility.HtmlEncode))}</p>"
            + (link is null ? "" : $"<p><a href=\"{WebUtility.HtmlEncode(link)}\">Open the board</a></p>");
        return new OutgoingMail(
            delivery.Id, address, MailText.OneLine($"{state}: {delivery.AlertName} ({delivery.BoardName})"), text, html);
    }

    private static (string State, string Sentence) SentenceOf(TakenDelivery delivery, AlertCondition condition)
    {
        var rule = string.Create(CultureInfo.InvariantCulture, $"{condition.Column} ({condition.Aggregate}) {condition.Operator} {condition.Value}");
        return (delivery.State, condition.Type) switch
        {
            (AlertState.Ok, _) => ("recovered", "What it watches is well again."),
            (AlertState.Firing, AlertCondition.NoData) => ("no_data", "The widget's query gives no rows."),
            (AlertState.Firing, AlertCondition.QueryFailed) => ("query_failed", delivery.Detail ?? "The widget's query fails."),
            (AlertState.Firing, _) => ("firing", $"{rule} holds."),
            _ => ("query_failed", delivery.Detail ?? "It could not be checked."),
        };
    }
}
